# Sourced by every npm script: on whatever Node npm itself runs, what follows runs on one that is new enough.
posthorn_node=$(node scripts/node.mjs) || exit 1
# The last line: a preload in NODE_OPTIONS may print some of its own. Nothing is said where Node is new enough.
posthorn_node=${posthorn_node##*
}
case "$posthorn_node" in
/*) export PATH="${posthorn_node%/*}:$PATH" ;;
esac
