"""What can be made to go wrong, each as a switch."""
