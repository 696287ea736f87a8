"""Rows for tests; each names only what matters to it."""

import factory
from factory.django import DjangoModelFactory

from home.models import District, Province, Subdistrict, User
from reporting import receipts
from reporting.intake import Arrival, receive
from reporting.models import Category, CoordinationCentre, Membership, Report, Role


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person-{n}")

    @factory.post_generation
    def staff(user, create, extracted, **kwargs):
        """Everybody here may enter the admin; what they see there is what the tests are about."""
        from django.contrib.auth.models import Permission

        user.user_permissions.add(
            Permission.objects.get(codename="access_admin", content_type__app_label="wagtailadmin")
        )


class ProvinceFactory(DjangoModelFactory):
    class Meta:
        model = Province
        django_get_or_create = ("code",)

    code = "43"
    name_th = "หนองคาย"
    name_en = "Nong Khai"


class DistrictFactory(DjangoModelFactory):
    class Meta:
        model = District
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: f"{9000 + n}")
    province = factory.SubFactory(ProvinceFactory)
    name_th = factory.LazyAttribute(lambda district: f"อำเภอทดสอบ {district.code}")
    name_en = factory.LazyAttribute(lambda district: f"Test district {district.code}")
    is_target = True


class SubdistrictFactory(DjangoModelFactory):
    class Meta:
        model = Subdistrict

    code = factory.Sequence(lambda n: f"{900000 + n}")
    district = factory.SubFactory(DistrictFactory)
    name_th = factory.LazyAttribute(lambda place: f"ตำบลทดสอบ {place.code}")
    name_en = factory.LazyAttribute(lambda place: f"Test subdistrict {place.code}")


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category
        django_get_or_create = ("code",)

    code = "illegal_goods"
    name_th = "สินค้าผิดกฎหมายอื่น ๆ"
    name_en = "Other illegal goods"


class CentreFactory(DjangoModelFactory):
    class Meta:
        model = CoordinationCentre
        skip_postgeneration_save = True

    district = factory.SubFactory(DistrictFactory)

    @factory.post_generation
    def staffed(centre, create, extracted, **kwargs):
        """staffed=True adds a chief, a secretary, two officers and a coordinator."""
        if not extracted:
            return
        for role in (Role.CHIEF, Role.SECRETARY, Role.OFFICER, Role.OFFICER, Role.COORDINATOR):
            MembershipFactory(centre=centre, role=role)


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    role = Role.OFFICER
    centre = None


def file_report(**words) -> Report:
    """A report that came in by the one door; `district`, `category` and so on as in Arrival."""
    words.setdefault("narrative", "เห็นเรือแปลกเข้าฝั่งตอนกลางคืนหลายลำ")
    if "category" not in words:
        words["category"] = CategoryFactory()
    return receive(Arrival(**words), token=receipts.new_token()).report
