using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;

namespace BeschutWerk.Backbone.Grpc;

/// <summary>What a use case checks of a request beside the rules of its contract: what needs the message, and no store.</summary>
/// <param name="request">As it was sent: fields may break their own rules.</param>
/// <param name="checks">Takes what is wrong.</param>
public delegate void AcrossFields<in TRequest>(TRequest request, FieldChecks checks);

/// <summary>Collects what is wrong with a request across its fields, so that all of it is answered at once.</summary>
/// <param name="broken">What breaks the rules of the contract; such a field is named once, for its own rule.</param>
public sealed class FieldChecks(IReadOnlyList<FieldViolation> broken)
{
    private readonly List<FieldViolation> _violations = [];
    private Refusal? _named;
    private bool _isNamedOnly = true;

    /// <summary>Of a request whose fields keep their rules.</summary>
    public FieldChecks()
        : this([])
    {
    }

    /// <summary>What was found so far, without what breaks the rules of the contract.</summary>
    public IReadOnlyList<FieldViolation> Violations => _violations;

    /// <summary>Whether a field keeps the rule of its contract, so that others can be held against it.</summary>
    /// <param name="field">Path of the field, in proto names.</param>
    public bool Keeps(string field) => !broken.Any(found => found.Field == field);

    /// <summary>Notes a violation when the condition does not hold.</summary>
    /// <param name="holds">The condition.</param>
    /// <param name="field">Path of the field, in proto names.</param>
    /// <param name="description">What is wrong with it; never the value.</param>
    public void Require(bool holds, string field, string description)
    {
        if (holds || !Keeps(field)) return;
        _violations.Add(new FieldViolation { Field = field, Description = description });
        _isNamedOnly = false;
    }

    /// <summary>Notes a list that names something twice.</summary>
    /// <param name="items">The list.</param>
    /// <param name="field">Path of the field, in proto names.</param>
    public void RequireOnce<T>(IReadOnlyCollection<T> items, string field) =>
        Require(items.Distinct().Count() == items.Count, field, "Names something twice.");

    /// <summary>Notes fields that are wrong for a reason that has a name of its own. It is the answer when nothing else is wrong.</summary>
    public void Add(Refusal named)
    {
        _violations.AddRange(named.Violations.Where(found => Keeps(found.Field)));
        _named ??= named;
    }

    /// <summary>Refuses with INVALID_FIELDS, or the reason that has a name, when anything was found.</summary>
    public void ThrowIfAny()
    {
        if (broken.Count + _violations.Count == 0) return;
        throw (broken.Count == 0 && _isNamedOnly && _named is not null
            ? _named with { Violations = _violations }
            : Refusal.Fields([.. broken, .. _violations])).ToException();
    }
}
