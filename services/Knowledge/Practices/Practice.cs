using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Knowledge;

namespace BeschutWerk.Knowledge.Practices;

/// <summary>A practice or study.</summary>
public sealed class Practice
{
    public long PracticeNumber { get; set; }

    public Guid PracticeId { get; set; }

    public PracticeKind Kind { get; set; }

    public PracticeTheme Theme { get; set; }

    public string Title { get; set; } = "";

    public string Summary { get; set; } = "";

    public string Body { get; set; } = "";

    /// <summary>Kind and id of the organisation that submitted it: two kinds may have the same id.</summary>
    public string Author { get; set; } = "";

    public string OrganisationId { get; set; } = "";

    public PracticeState State { get; set; }

    public DateOnly SubmittedOn { get; set; }

    public DateOnly? ReviewedOn { get; set; }

    public string Remarks { get; set; } = "";

    public DateOnly? PublishedOn { get; set; }

    public long Version { get; set; }

    /// <summary>Whether this organisation wrote or moderates it.</summary>
    internal bool IsKnownTo(Caller caller) => Author == caller.Actor || caller.Is(OrganisationKind.Cedris);

    /// <summary>The practice of an id, for whoever may know of it.</summary>
    /// <exception cref="RefusalException">NOT_FOUND, also when it is somebody else's.</exception>
    internal static Practice Find(KnowledgeStore store, string practiceId, Func<Practice, bool> mayKnow)
    {
        var id = Ids.Parse(practiceId);
        return store.Practices.SingleOrDefault(practice => practice.PracticeId == id) is { } practice && mayKnow(practice)
            ? practice
            : throw Refusal.NotFound("practice").ToException();
    }
}
