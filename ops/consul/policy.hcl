# What Rollcall does in Consul, as an ACL policy; docs/privileges.md says what each line is for.
# The name of the nodes is REGISTRY_ID, here its default "rollcall", with "-" and two hex digits behind it.

node_prefix "rollcall-" {
  policy = "write"
}

service_prefix "onex-" {
  policy = "write"
}
