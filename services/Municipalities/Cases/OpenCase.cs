using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>Opens a case, or finds the one that the person already has here.</summary>
static class OpenCase
{
    public static void CheckFields(OpenCaseRequest request, FieldChecks checks)
    {
        checks.Require(request.Person.IsBornBy(request.OpenedOn.ToDayOrNull()), "opened_on", "Lies before the day of birth.");
        checks.RequireOnce(request.SupportNeeds, "support_needs");
    }

    public static OpenCaseResponse Run(OpenCaseRequest request, WriteSession<MunicipalityStore> session)
    {
        var person = session.Persons.FindOrAdd(request.Person);
        var known = session.Store.FindCaseOfPerson(person.PersonId);
        var supportCase = known is null ? Open(session, person.PersonId, request) : session.UpToDate(known);
        return new OpenCaseResponse
        {
            CaseId = supportCase.CaseId.Text(),
            State = supportCase.State,
            Version = supportCase.Version,
            Existed = known is not null,
            Differences =
            {
                known is null ? [] : CorrectPerson.Differences(request.Person, request.Benefit, request.SupportNeeds, known, session.Persons.Get(person.PersonId)),
            },
        };
    }

    private static SupportCase Open(WriteSession<MunicipalityStore> session, Guid personId, OpenCaseRequest request)
    {
        var supportCase = new SupportCase
        {
            CaseId = Ids.New(),
            PersonId = personId,
            Source = request.Source,
            Benefit = request.Benefit,
            Needs = request.SupportNeeds,
            KnownToMunicipality = request.KnownToMunicipality,
            OpenedOn = request.OpenedOn.ToDateOnly(),
        };
        session.Store.Cases.Add(supportCase);
        session.RaiseOn(supportCase.CaseId, new CaseOpened
        {
            CaseId = supportCase.CaseId.Text(),
            Source = request.Source,
            OpenedOn = request.OpenedOn,
        });
        return supportCase;
    }
}
