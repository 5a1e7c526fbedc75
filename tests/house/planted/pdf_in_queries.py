# append: survey_app/organisations/queries.py -> PDF and chart libraries live in pdf files and documents
import weasyprint
