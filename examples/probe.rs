fn main() { unleak::history::probe(); }
