// SQLite: bulk inserts, indexes, joins, window functions, full text and a vacuum.
namespace Lampyris.Programs.Tests;

public class SqliteTests
{
    [Fact]
    public void SqliteAnswersAndStoresTheSame() => Compare.WithAndWithout(scene =>
    {
        scene.Bring("queries.sql");
        string answers = scene.Run("sqlite3", "-batch", "-bail", "data.db", ".read queries.sql");
        return answers + scene.Sha256("data.db") + scene.Run("sqlite3", "data.db", "SELECT * FROM orders WHERE client < 100 ORDER BY note, id;");
    });
}
