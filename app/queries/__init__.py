"""Questions: what a viewer may see. The viewer comes first, and what they may not see is not there."""
