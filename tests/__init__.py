# torch-fidelity installs a package "tests": without this file, ours would not be found beside it.
