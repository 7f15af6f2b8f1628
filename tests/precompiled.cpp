// Stands for the header that every test program precompiles; it has nothing to say of its own.
