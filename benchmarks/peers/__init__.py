"""The services that Assay is measured against."""
