# append: survey_app/organisations/views.py -> Excel readers live in spreadsheet files
import python_calamine
