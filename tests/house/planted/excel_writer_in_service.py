# append: survey_app/organisations/service.py -> Excel writers live in workbook files
import xlsxwriter
