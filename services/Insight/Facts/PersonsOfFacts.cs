namespace BeschutWerk.Insight.Facts;

/// <summary>
/// Who a fact is about, so that a person counts once in the nation: by the pseudonym of a request of their case, else by the
/// case, else by the request. Computed from what is known when a figure is asked, whatever arrived first.
/// </summary>
internal sealed class PersonsOfFacts
{
    private readonly Dictionary<Guid, Guid> _ofRequest;
    private readonly Dictionary<Guid, Guid> _ofCase = [];
    private readonly Dictionary<Guid, Guid> _joined;

    private PersonsOfFacts() => (_ofRequest, _joined) = ([], []);

    private PersonsOfFacts(InsightStore store)
    {
        _ofRequest = store.RecognisedRequests.ToDictionary(row => row.AdviceRequestId, row => row.Pseudonym);
        _joined = store.CaseAliases.ToDictionary(row => row.AliasId, row => row.CaseId);
        var links = store.Advices.Where(row => row.CaseId != null)
            .Select(row => new { row.AdviceRequestId, CaseId = row.CaseId!.Value, row.ReceivedOn });
        // Requests of one case are of one person. Should they not be, until they are corrected, all of the case goes by the latest.
        foreach (var link in links.AsEnumerable().OrderBy(link => link.ReceivedOn).ThenBy(link => link.AdviceRequestId))
        {
            if (_ofRequest.TryGetValue(link.AdviceRequestId, out var pseudonym)) _ofCase[IdOf(link.CaseId)] = pseudonym;
        }
    }

    /// <summary>Nobody is recognised: a person is the case, or the request while no case is known.</summary>
    public static Lazy<PersonsOfFacts> Unrecognised { get; } = new(() => new PersonsOfFacts());

    /// <summary>As the store knows them; read when first asked.</summary>
    public static Lazy<PersonsOfFacts> Of(InsightStore store) => new(() => new PersonsOfFacts(store));

    /// <summary>Whose case it is.</summary>
    public Guid OfCase(Guid caseId)
    {
        var id = IdOf(caseId);
        return _ofCase.GetValueOrDefault(id, id);
    }

    /// <summary>Whose request it is.</summary>
    public Guid OfRequest(Guid adviceRequestId, Guid? caseId)
    {
        var id = caseId is { } known ? IdOf(known) : (Guid?)null;
        return id is { } ofCase && _ofCase.TryGetValue(ofCase, out var pseudonym) ? pseudonym : _ofRequest.GetValueOrDefault(adviceRequestId, id ?? adviceRequestId);
    }

    /// <summary>The id that stays when the case was joined to another, which may have been joined in its turn.</summary>
    private Guid IdOf(Guid caseId)
    {
        while (_joined.TryGetValue(caseId, out var stays)) caseId = stays;
        return caseId;
    }
}
