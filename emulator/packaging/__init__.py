"""What is deployed and what it is built with: artifacts, lock files, images."""
