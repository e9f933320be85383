"""The clock's page: shows the simulated time and moves it."""
