using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Backbone.Store;

/// <summary>Who makes a call: the organisation that the token speaks for.</summary>
/// <param name="Kind">Kind of organisation.</param>
/// <param name="OrganisationId">Stable id: a tenant's code, or the id of the organisation.</param>
/// <param name="Tenants">Codes of the tenants that a tenant's token speaks for, its own and mandated ones.</param>
public sealed record Caller(OrganisationKind Kind, string OrganisationId, IReadOnlySet<string> Tenants)
{
    // How the contract names each kind in tokens and in the log.
    private static readonly FrozenDictionary<OrganisationKind, string> KindNames = RulesReflection.Descriptor.EnumTypes
        .Single(type => type.ClrType == typeof(OrganisationKind)).Values
        .Where(value => OptionsOf(value) is not null)
        .ToFrozenDictionary(value => (OrganisationKind)value.Number, value => OptionsOf(value)!.Name);

    /// <summary>The kinds whose members are told by their kind alone, each as the log names it.</summary>
    private static readonly string[] ToldByKind = [.. RulesReflection.Descriptor.EnumTypes
        .Single(type => type.ClrType == typeof(OrganisationKind)).Values
        .Where(value => OptionsOf(value) is { IsPerson: true }).Select(value => OptionsOf(value)!.Name)];

    /// <summary>As it stands in the log: <c>kind:id</c>.</summary>
    public string Actor { get; } = ActorOf(Kind, OrganisationId);

    /// <summary>When the token ends; a stream ends with it.</summary>
    public DateTimeOffset ValidUntil { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>Which person the token names; null where it speaks for an organisation.</summary>
    public TokenPerson? Person { get; init; }

    /// <summary>The token, which may be taken back before; null for who shows none.</summary>
    public TokenOrigin? Token { get; init; }

    /// <summary>A service of the platform that acts by itself, such as a reaction to an event.</summary>
    public static Caller OfService(string service) => new(OrganisationKind.Service, service, FrozenSet<string>.Empty);

    /// <summary>An organisation as it stands in the log: <c>kind:id</c>.</summary>
    public static string ActorOf(OrganisationKind kind, string organisationId) => $"{KindName(kind)}:{organisationId}";

    /// <summary>An actor as readers of the log are told: of a person only that a person acted. Who stays in the file.</summary>
    public static string ActorAsTold(string actor) => Array.Find(ToldByKind, kind => actor.StartsWith(kind, StringComparison.Ordinal)) ?? actor;

    /// <summary>The same id for the same call of this caller and purpose. Another caller's, of the same request_id, is another one.</summary>
    public Guid IdFor(Guid requestId, string purpose) => Ids.Derive(requestId, $"{Actor} {purpose}");

    /// <summary>Whether the caller is of this kind.</summary>
    public bool Is(OrganisationKind kind) => Kind == kind;

    /// <summary>Whether the token names the person with this number. What they are told and may do depends on it, not on what they say.</summary>
    /// <exception cref="RefusalException">SERVICE_UNREACHABLE: it cannot be known now.</exception>
    public bool IsPerson(string number) => Person?.Is(number) == true;

    /// <summary>The kind as it stands in tokens and actors.</summary>
    public static string KindName(OrganisationKind kind) => KindNames.TryGetValue(kind, out var name)
        ? name
        : throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind of organisation.");

    /// <summary>Reads a kind from a token; UNSPECIFIED when there is no such kind.</summary>
    public static OrganisationKind KindOf(string? name) => KindNames.FirstOrDefault(kind => kind.Value == name).Key;

    private static KindInTokens? OptionsOf(EnumValueDescriptor kind) => kind.GetOptions()?.GetExtension(RulesExtensions.KindInTokens);
}

/// <summary>What of a token tells whether it was taken back.</summary>
/// <param name="Id">Its <c>jti</c>.</param>
/// <param name="Client">The client that it was given to.</param>
/// <param name="Version">Of that client's registration: a later one takes back the tokens of this one.</param>
public sealed record TokenOrigin(string Id, string Client, long Version)
{
    /// <summary>The client as the list of the token server names it: everybody can read that list, and it tells no client id.</summary>
    public string ClientHash { get; } = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Client)));
}
