"""The post room: letters in the person's language, sent by a job after the commit that caused them."""
