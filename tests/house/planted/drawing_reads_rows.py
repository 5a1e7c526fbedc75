# append: survey_app/organisations/workbook.py -> Drawing tools only read plain rows
from survey_app.core.db import session
