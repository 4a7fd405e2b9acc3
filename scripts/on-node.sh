# Sourced by every npm script: on whatever Node npm itself runs, what follows runs on one that is new enough.
posthorn_node=$(node scripts/node.mjs) || exit 1
[ -z "$posthorn_node" ] || export PATH="$(dirname "$posthorn_node"):$PATH"
