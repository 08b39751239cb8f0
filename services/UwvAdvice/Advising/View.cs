using BeschutWerk.Sector.Persons;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>Who sees what of a request. UWV holds what is medical; others see the outcome.</summary>
internal static class View
{
    /// <summary>Whether a caller may know that the request exists. The municipality itself was checked before.</summary>
    public static bool IsFor(Caller caller, Dossier dossier, Persons persons) => caller.Kind switch
    {
        OrganisationKind.Uwv or OrganisationKind.Service => true,
        OrganisationKind.Municipality => dossier.Requester == Requester.Municipality || IsOpenToMunicipality(dossier),
        OrganisationKind.Citizen => IsOf(caller, dossier, persons),
        _ => false,
    };

    /// <summary>
    /// Whether a request is the citizen's own: it was asked by a citizen, and is about who calls. Who it is about the record says, which may
    /// have been corrected since; under which pseudonym it was asked does not matter.
    /// </summary>
    public static bool IsOf(Caller citizen, Dossier dossier, Persons persons) =>
        dossier.Requester == Requester.Citizen && citizen.IsPerson(persons.Get(dossier.PersonId).Bsn);

    /// <summary>UWV; and a service of the municipality, which must find or open a case for a citizen who asked without it.</summary>
    public static bool ShowsPerson(Caller caller, Dossier dossier) => caller.Kind switch
    {
        OrganisationKind.Uwv => true,
        OrganisationKind.Service => dossier.Requester == Requester.Citizen && IsOpenToMunicipality(dossier),
        _ => false,
    };

    /// <summary>The answers of an assessment: for UWV at once, for others with the advice.</summary>
    public static bool ShowsAnswers(Caller caller, Dossier dossier) => caller.Is(OrganisationKind.Uwv) || dossier.State == AdviceState.Issued;

    /// <summary>The request as everybody who may see it sees it: no person, no assessment.</summary>
    public static AdviceRequest Of(Dossier dossier, string municipality, Assessment? assessment) => new()
    {
        AdviceRequestId = dossier.AdviceRequestId.ToString("D"),
        Municipality = municipality,
        Requester = dossier.Requester,
        Kind = dossier.Kind,
        Benefit = dossier.Benefit,
        PriorContact = dossier.PriorContact,
        ReceivedOn = dossier.ReceivedOn.ToDate(),
        DueOn = dossier.DueOn.ToDate(),
        State = dossier.State,
        Outcome = dossier.Outcome,
        Advice = dossier.State == AdviceState.Issued ? AdviceOf(dossier, assessment) : null,
        RequesterReference = dossier.RequesterReference?.ToString("D") ?? "",
        Version = dossier.Version,
        Ending = dossier.Ending,
        EndedOn = dossier.WithdrawnOn?.ToDate(),
    };

    /// <summary>An issued advice; an advice without investigation has no support needs.</summary>
    public static Advice AdviceOf(Dossier dossier, Assessment? assessment)
    {
        var advice = new Advice { Verdict = dossier.Verdict, Ground = dossier.Ground, IssuedOn = dossier.IssuedOn.ToDate() };
        advice.SupportNeeds.AddRange(assessment?.SupportNeeds ?? []);
        return advice;
    }

    /// <summary>The assessment as sealed in the dossier; null when there is none.</summary>
    public static Assessment? Unseal(Persons persons, Dossier dossier) => dossier.SealedAssessment is { } box
        ? Assessment.Parser.ParseFrom(persons.Unseal(box, dossier.AdviceRequestId))
        : null;

    // Participatiewet 10b lid 3: the college hears of a citizen's own request with the advice; before only if they agreed.
    private static bool IsOpenToMunicipality(Dossier dossier) => dossier.SharedBeforeAdvice || dossier.State == AdviceState.Issued;
}
