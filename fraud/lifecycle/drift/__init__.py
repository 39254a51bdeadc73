"""Has the data moved since the champion was trained?"""
