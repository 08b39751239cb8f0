using BeschutWerk.Backbone.Store;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Platform.Tests.BackboneTests;

/// <summary>What the test services store: enough of every kind of column to hold the conventions to their word.</summary>
internal abstract class NoteTables(DbContextOptions options) : StoreContext(options)
{
    public DbSet<Note> Notes => Set<Note>();

    public DbSet<Seen> Seen => Set<Seen>();

    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Note>().Property(note => note.Version).IsConcurrencyToken();
        modelBuilder.Entity<Link>().ToTable("links");
    }
}

/// <summary>The producer's store of one municipality.</summary>
internal sealed class NotesStore(DbContextOptions<NotesStore> options) : NoteTables(options);

/// <summary>The producer's platform store.</summary>
internal sealed class NotesPlatform(DbContextOptions<NotesPlatform> options) : NoteTables(options);

/// <summary>The follower's store of one municipality.</summary>
internal sealed class ReaderStore(DbContextOptions<ReaderStore> options) : NoteTables(options);

/// <summary>The follower's platform store.</summary>
internal sealed class ReaderPlatform(DbContextOptions<ReaderPlatform> options) : NoteTables(options);

internal enum NoteKind
{
    Plain = 1,
    Urgent = 2,
}

internal sealed class Note
{
    public Guid NoteId { get; set; }

    public string Text { get; set; } = "";

    public Guid? AuthorId { get; set; }

    public DateOnly? Day { get; set; }

    public DateTimeOffset RecordedAt { get; set; }

    public NoteKind Kind { get; set; }

    public long Version { get; set; }
}

/// <summary>An event that a reaction applied.</summary>
internal sealed class Seen
{
    public long SeenId { get; set; }

    public long Sequence { get; set; }

    public string Subject { get; set; } = "";

    public string? Prepared { get; set; }
}

internal sealed class Link
{
    public long LinkId { get; set; }

    public Guid NoteId { get; set; }
}
