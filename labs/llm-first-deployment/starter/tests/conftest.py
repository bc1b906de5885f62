import sys
from pathlib import Path

# The programs under test lie beside this folder.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
