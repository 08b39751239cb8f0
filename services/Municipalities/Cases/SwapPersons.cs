using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using CorrectPersonRequest = BeschutWerk.Contracts.Municipalities.CorrectPersonRequest;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Two cases that each stand under the BSN of the other get their right persons by one act. One after the other they could not: a
/// person has one case here. The facts stay where they are.
/// </summary>
static class SwapPersons
{
    /// <summary>Whether the call asks for it.</summary>
    public static bool IsAsked(CorrectPersonRequest request) => request.SwapWithCaseId.Length > 0;

    public static void CheckFields(CorrectPersonRequest request, FieldChecks checks)
    {
        checks.Require(!IsAsked(request) || request.Person is not null, "swap_with_case_id", "Needs person: who this case is about.");
        checks.Require(
            IsAsked(request) == (request.SwapWithPerson is not null),
            "swap_with_person", "Must be given with swap_with_case_id, and only then.");
        checks.Require(!IsAsked(request) || request.JoinCaseId.Length == 0, "join_case_id", "Must be absent with swap_with_case_id.");
    }

    /// <returns>What is told of each case.</returns>
    public static (CandidateCorrected This, CandidateCorrected Other) Run(
        CorrectPersonRequest request, SupportCase row, SupportCase other, WriteSession<MunicipalityStore> session)
    {
        var (ofThis, ofOther) = (session.Persons.Get(row.PersonId), session.Persons.Get(other.PersonId));
        Check(request, row, other, ofThis, ofOther, session);
        session.Persons.Exchange(row.PersonId, request.Person, other.PersonId, request.SwapWithPerson);
        return (
            Told(row, other, CorrectPerson.Differences(request.Person, request.Benefit, request.SupportNeeds, row, ofThis)),
            Told(other, row, CorrectPerson.Differences(request.SwapWithPerson, Benefit.Unspecified, [], other, ofOther)));

        CandidateCorrected Told(SupportCase about, SupportCase with, IEnumerable<string> fields) => new()
        {
            CaseId = about.CaseId.Text(), Fields = { fields }, SwappedCaseId = with.CaseId.Text(), CorrectedOn = request.CorrectedOn,
        };
    }

    private static void Check(
        CorrectPersonRequest request, SupportCase row, SupportCase other, Person ofThis, Person ofOther,
        WriteSession<MunicipalityStore> session)
    {
        const string Late = "Lies after the first day of the case.";
        var checks = new FieldChecks();
        checks.Require(row.CaseId != other.CaseId, "swap_with_case_id", "Is this case.");
        checks.Require(request.Person.Bsn == ofOther.Bsn, "person.bsn", "Is not the one on record of the case in swap_with_case_id.");
        checks.Require(request.SwapWithPerson.Bsn == ofThis.Bsn, "swap_with_person.bsn", "Is not the one on record of this case.");
        checks.Require(request.Person.IsBornBy(CorrectPerson.FirstDay(row, session)), "person.birth_date", Late);
        checks.Require(request.SwapWithPerson.IsBornBy(CorrectPerson.FirstDay(other, session)), "swap_with_person.birth_date", Late);
        var day = request.CorrectedOn.ToDateOnly();
        checks.Require(day >= row.OpenedOn && day >= other.OpenedOn, "corrected_on", "Lies before the day on which a case was opened.");
        checks.ThrowIfAny();
    }
}
