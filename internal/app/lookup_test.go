package app

import (
	"os"
	"path/filepath"
	"testing"
)

// TestLookupColumnsWithoutValues: a table has the columns that its first line names,
// whether a row has a value there or not, and whoever wrote it.
func TestLookupColumnsWithoutValues(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"spreadsheet": "\ufeffid,name,plan\n1,Ada,\n2,,\n",
		"quoted":      "\ufeff\"id\",\"name\",\"plan\"\n1,Ada,\n",
		"empty":       "id,name,plan\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		table, err := lookups(dir)(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, column := range []string{"id", "name", "plan"} {
			if table.Find(column) == nil {
				t.Errorf("the table %s has no column %s", name, column)
			}
		}
	}
}
