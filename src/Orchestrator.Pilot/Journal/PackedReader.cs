using Orchestrator.Pilot.Nodes;
using Orchestrator.Storage;
using SQLitePCL;

namespace Orchestrator.Pilot.Journal;

/// <summary>Finds the packed output of a task, also while a pilot runs.</summary>
internal static class PackedReader
{
    private const string Select = """
        SELECT (SELECT value FROM pilot WHERE name = 'workdir'), slot, out_from, out_length, err_from, err_length
        FROM ended WHERE slot IS NOT NULL
            AND task = (SELECT submission.first + each.key FROM submission, json_each(submission.tasks) AS each WHERE json_extract(each.value, '$.id') = ?)
        ORDER BY seq DESC LIMIT 1
        """;

    /// <returns>The file, and which part of it is that of the task's last attempt; null: no attempt has ended, or there is no such task.</returns>
    /// <exception cref="JournalException">The database cannot be read.</exception>
    public static (string File, long From, long Length)? Find(string database, string id, bool errors)
    {
        _ = SqliteLibrary.Version;
        if (raw.sqlite3_open_v2(database, out var opened, raw.SQLITE_OPEN_READONLY, null) != raw.SQLITE_OK)
        {
            throw new JournalException($"{database} cannot be opened: {raw.sqlite3_errmsg(opened).utf8_to_string()}");
        }

        try
        {
            raw.sqlite3_busy_timeout(opened, 10_000);
            if (raw.sqlite3_prepare_v2(opened, Select, out var select) != raw.SQLITE_OK)
            {
                throw new JournalException($"{database} cannot be read: {raw.sqlite3_errmsg(opened).utf8_to_string()}");
            }

            using (select)
            {
                raw.sqlite3_bind_text(select, 1, id);
                if (raw.sqlite3_step(select) != raw.SQLITE_ROW)
                {
                    return null;
                }

                var workdir = raw.sqlite3_column_text(select, 0).utf8_to_string();
                var slot = raw.sqlite3_column_int(select, 1);
                var first = errors ? 4 : 2;
                return (errors ? PackedOutput.ErrorFile(workdir, slot) : PackedOutput.OutputFile(workdir, slot), raw.sqlite3_column_int64(select, first), raw.sqlite3_column_int64(select, first + 1));
            }
        }
        finally
        {
            raw.sqlite3_close_v2(opened);
        }
    }
}
