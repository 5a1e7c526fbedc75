# append: survey_app/assessments/service.py -> The Word writer lives in documents
import docx
