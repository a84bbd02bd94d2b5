"""One file per noun: authorise, call one service function, return it."""
