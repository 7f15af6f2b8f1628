// Stands for the header that the libraries precompile; it has nothing to say of its own.
