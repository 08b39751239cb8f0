using BeschutWerk.Backbone.Store;
using BeschutWerk.Platform.Tests.Fixtures;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>What the write-ahead log had no room for is not asked of it at the next start.</summary>
[Collection(nameof(Alone))]
public sealed class FullLogTests : NotesTest
{
    private const int Full = 13, FrameHeader = 24;

    [Fact]
    public void A_commit_of_which_only_the_header_fits_leaves_the_mark_of_before()
    {
        using var open = SchemaUpgrade.Open(Folder, SchemaUpgrade.Older);
        SchemaScripts.Execute(open, "INSERT INTO things VALUES (100)");
        using (new FileLimit(new FileInfo(SchemaUpgrade.PathIn(Folder) + "-wal").Length + FrameHeader + 100))
        {
            Assert.Equal(Full, Assert.Throws<SqliteException>(() => SchemaScripts.Execute(open, "INSERT INTO things VALUES (101)")).SqliteErrorCode);
        }

        // It flushes the log, as the close of a store does.
        SchemaScripts.Execute(open, "PRAGMA wal_checkpoint(PASSIVE)");
        var killed = Directory.CreateDirectory(Path.Combine(Folder, "killed")).FullName;
        foreach (var part in Directory.GetFiles(Folder, "GM*")) File.Copy(part, Path.Combine(killed, Path.GetFileName(part)));
        JournalMark.Require(SchemaUpgrade.PathIn(killed));
        Assert.True(File.Exists(JournalMark.PathOf(SchemaUpgrade.PathIn(killed))));

        // There is room again, and the mark follows the log.
        SchemaScripts.Execute(open, "INSERT INTO things VALUES (101)");
        JournalMark.Require(SchemaUpgrade.PathIn(Folder));
    }
}
