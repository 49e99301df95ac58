"""Cameras that are asked for their picture (RTSP 1.0, RFC 2326); what they answer is not believed unchecked."""
