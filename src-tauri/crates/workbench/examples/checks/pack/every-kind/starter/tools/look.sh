echo '{"check": "there", "status": "passed", "summary": "It is there."}'
