"""The dock agent on a virtual clock, with an aircraft and a dock that are fakes of one kind for all tests."""
