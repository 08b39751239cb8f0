using System.Collections.Frozen;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Security;

/// <summary>Who makes a call: the organisation that the token speaks for.</summary>
/// <param name="Kind">Kind of organisation.</param>
/// <param name="OrganisationId">Stable id: GM code, company id, or the id of the body.</param>
/// <param name="Municipalities">GM codes that a municipality's token speaks for, its own and mandated ones.</param>
public sealed record Caller(OrganisationKind Kind, string OrganisationId, IReadOnlySet<string> Municipalities)
{
    /// <summary>As it stands in the log: <c>kind:id</c>.</summary>
    public string Actor { get; } = ActorOf(Kind, OrganisationId);

    /// <summary>When the token ends; a stream ends with it.</summary>
    public DateTimeOffset ValidUntil { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Who a citizen is; null for everybody else.</summary>
    public TokenPerson? Person { get; init; }

    /// <summary>The token, which may be taken back before; null for who shows none.</summary>
    public TokenOrigin? Token { get; init; }

    /// <summary>A service of the platform that acts by itself, such as a reaction to an event.</summary>
    public static Caller OfService(string service) => new(OrganisationKind.Service, service, FrozenSet<string>.Empty);

    /// <summary>An organisation as it stands in the log: <c>kind:id</c>.</summary>
    public static string ActorOf(OrganisationKind kind, string organisationId) => $"{KindName(kind)}:{organisationId}";

    /// <summary>The same id for the same call of this caller and purpose. Another caller's, of the same request_id, is another one.</summary>
    public Guid IdFor(Guid requestId, string purpose) => Ids.Derive(requestId, $"{Actor} {purpose}");

    /// <summary>Whether the caller is of this kind.</summary>
    public bool Is(OrganisationKind kind) => Kind == kind;

    /// <summary>Whether this is the citizen with that BSN: what they are told and may do depends on it, not on what they say.</summary>
    /// <exception cref="Grpc.RefusalException">SERVICE_UNREACHABLE: it cannot be known now.</exception>
    public bool IsPerson(string bsn) => Person?.Is(bsn) == true;

    /// <summary>The kind as it stands in tokens and actors.</summary>
    public static string KindName(OrganisationKind kind) => kind switch
    {
        OrganisationKind.Municipality => "municipality",
        OrganisationKind.Uwv => "uwv",
        OrganisationKind.SwCompany => "sw",
        OrganisationKind.Cedris => "cedris",
        OrganisationKind.Ministry => "szw",
        OrganisationKind.Operator => "operator",
        OrganisationKind.Citizen => "citizen",
        OrganisationKind.Service => "service",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of organisation."),
    };

    /// <summary>Reads a kind from a token; UNSPECIFIED when there is no such kind.</summary>
    public static OrganisationKind KindOf(string? name) => Enum.GetValues<OrganisationKind>()
        .FirstOrDefault(kind => kind != OrganisationKind.Unspecified && KindName(kind) == name);
}
