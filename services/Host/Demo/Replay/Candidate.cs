using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Host.Demo.History;
using Grpc.Core;

namespace BeschutWerk.Host.Demo.Replay;

/// <summary>A person of the history, with the ids that the platform gave them so far.</summary>
internal sealed class Candidate(PersonHistory history, Parties parties)
{
    private readonly TaskCompletionSource<string> _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PersonHistory History => history;

    public string Municipality => history.Municipality;

    public bool IsCitizen => history.Requester == Requester.Citizen;

    /// <summary>The request at UWV, once it was made.</summary>
    public Task<string> AdviceRequestId => _asked.Task;

    /// <summary>The case at the municipality; set before the college does anything with it.</summary>
    public string CaseId { get; set; } = "";

    public string OfferId { get; set; } = "";

    /// <summary>Chosen by the company that reports it.</summary>
    public string PlacementId { get; } = DemoIds.Of($"placement {history.Number}");

    /// <summary>Calls of the citizen, through the portal.</summary>
    public CallInvoker Self => parties.Citizen(DemoIds.Of($"citizen {history.Number}"), history.Municipality, history.Bsn);

    public Person Person => new() { Bsn = history.Bsn, Name = history.Name, BirthDate = history.BirthDate.ToDate() };

    public void Asked(string adviceRequestId) => _asked.TrySetResult(adviceRequestId);

    /// <summary>Key of one call about this person.</summary>
    public string RequestId(string act) => DemoIds.Of($"{act} {history.Number}");
}
