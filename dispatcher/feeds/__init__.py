"""What control rooms send, turned into incident reports: one module per format, pure, with every fault located."""
