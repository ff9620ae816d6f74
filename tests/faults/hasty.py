"""World IT that waits for little: what a killed process had in hand is found again at once."""

from datetime import timedelta

from app import create_app
from app.jobs import leases, runner

leases.LEASE = timedelta(seconds=1.5)
leases.FIRST_DELAY = leases.LONGEST_DELAY = timedelta(seconds=0.3)
runner.LOOK_EVERY = 0.1

app = create_app()
