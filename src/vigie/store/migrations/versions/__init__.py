"""The revisions, oldest first. HEAD is the newest."""

HEAD = "0005"
