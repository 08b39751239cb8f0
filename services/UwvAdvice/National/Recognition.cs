using BeschutWerk.Sector.Persons;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.National;

/// <summary>
/// Tells whose a request is, to those who may know no more than that two requests are of one person: Insight by a pseudonym,
/// SwCompanies by which requests belong together. Always in the transaction in which the index learns it.
/// </summary>
internal static class Recognition
{
    /// <summary>Tells Insight whose a request is.</summary>
    public static void Tell(WriteSession<UwvPlatformStore> session, Guid adviceRequestId, byte[] personHash) => session.Raise(
        new PersonRecognised { AdviceRequestId = adviceRequestId.Text(), Pseudonym = session.Persons.PseudonymOf(personHash).Text() },
        adviceRequestId.Text());

    /// <summary>Tells SwCompanies all requests of a person.</summary>
    public static void TellLinks(WriteSession<UwvPlatformStore> session, byte[] personHash)
    {
        var linked = new RequestsLinked();
        linked.Requests.AddRange(session.RequestsOf(personHash).Select(row => new LinkedRequest
        {
            Municipality = row.Municipality, AdviceRequestId = row.AdviceRequestId.Text(),
        }));
        session.Raise(linked, linked.Requests[0].AdviceRequestId);
    }

    /// <summary>The request turned out to be somebody else's: tells whose, and what belongs together before and after.</summary>
    public static void Move(WriteSession<UwvPlatformStore> session, Guid adviceRequestId, byte[] from, byte[] to)
    {
        var wasLinked = IsInSeveral(session.RequestsOf(from));
        session.SetPerson(adviceRequestId, to);
        Tell(session, adviceRequestId, to);
        // Those that it leaves hear it too, also when only one is left, which is linked to none then.
        if (wasLinked && session.RequestsOf(from).Count > 0)
        {
            TellLinks(session, from);
        }
        if (wasLinked || IsInSeveral(session.RequestsOf(to)))
        {
            TellLinks(session, to);
        }
    }

    /// <summary>Tells some of what was never told: requests from before this was told, and those that a restored index missed.</summary>
    /// <returns>Whether there may be more.</returns>
    public static bool TellSome(WriteSession<UwvPlatformStore> session, int most)
    {
        var untold = session.Unrecognised(most);
        var persons = new HashSet<string>();
        foreach (var id in untold)
        {
            var hash = session.FindRequest(id)!.PersonHash;
            Tell(session, id, hash);
            session.SetRecognised(id);
            if (IsInSeveral(session.RequestsOf(hash)) && persons.Add(Convert.ToHexString(hash)))
            {
                TellLinks(session, hash);
            }
        }

        return untold.Count == most;
    }

    private static bool IsInSeveral(List<IndexRows.OfPerson> requests) =>
        requests.Exists(row => row.Municipality != requests[0].Municipality);
}
