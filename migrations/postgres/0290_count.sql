-- What every team has stored, counted once from the rows themselves (0220): until here not everything was.
SET LOCAL ROLE whetstone_provisioner;
SELECT whetstone.count_stored(t.id) FROM whetstone.tenants t ORDER BY t.id;
RESET ROLE;
