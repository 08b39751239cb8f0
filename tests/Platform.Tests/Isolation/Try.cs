using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace BeschutWerk.Platform.Tests.Isolation;

/// <summary>One call that is tried.</summary>
/// <param name="Context">The municipality that it names, unless that is what is tried.</param>
/// <param name="Places">Where it names what is not the caller's.</param>
/// <param name="Values">What it names there.</param>
internal sealed record Try(MethodDescriptor Method, Who Who, string Context, IReadOnlyList<Place> Places, IReadOnlyList<string> Values)
{
    /// <summary>Whether the caller may know what it names: then only what comes back is looked at.</summary>
    public bool IsKnown { get; init; }

    /// <summary>Whether the rules of fields may end it: a page token is checked with them, and a citizen names no case.</summary>
    public bool MayBeNoField => Places.Any(place =>
        place.Field == "page_token" || (place.Name == "requester_reference" && Who.Kind == OrganisationKind.Citizen));

    /// <summary>What it is compared with.</summary>
    public string Beside => $"{Who.Name} {Context} {string.Join('+', Places.Select(place => place.Name))}";

    public IMessage Request()
    {
        var request = Isolation.Places.Request(Method, Who, Context, Places);
        foreach (var (place, value) in Places.Zip(Values)) place.Set(request, value);
        return request;
    }

    public override string ToString() => $"{Method.Name} by {Beside} = {string.Join('+', Values)}";
}

/// <summary>What was tried of one call.</summary>
/// <param name="Outcomes">How it is answered, of what is another's and of what nobody has.</param>
internal sealed record MatrixRow(MethodDescriptor Method, IReadOnlyList<Try> Tries, IReadOnlyList<string> Outcomes);
