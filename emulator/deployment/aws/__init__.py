"""AWS Lambda: what ``template.yaml`` describes, put there through CloudFormation."""
