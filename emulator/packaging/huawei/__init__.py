"""The Terraform module for Huawei Cloud: its archive for RFS, and what can be checked of it without the cloud."""
