# append: survey_app/organisations/service.py -> YAML lives in loader files
import ruamel.yaml
