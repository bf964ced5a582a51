"""Docker sandboxes: `docker::image[:tag]` and `docker::path/Dockerfile`."""
