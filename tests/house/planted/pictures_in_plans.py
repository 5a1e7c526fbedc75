# plant: survey_app/plans/planted_pictures.py -> Image libraries live in the intake of evidence and in the demo's drawing
import PIL.Image
