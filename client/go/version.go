package assay

// Version is the version of this client; it is that of the whole project.
const Version = "0.1.0"
